"""The library: contribution, mapping, validation, store, index, trace and exposure."""
