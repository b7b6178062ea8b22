"""The routes of the service, one router a noun: what is asked is read, the library answers. Read `traces` first."""
