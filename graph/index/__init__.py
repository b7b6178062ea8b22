"""One release as columns: written (`build`), opened (`opened`), grown by what is new (`difference`, `extension`), kept
beside the store (`shelf`). Read `opened` first.
"""
