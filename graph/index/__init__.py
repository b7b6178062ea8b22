"""One release as columns: read from the store (`survey`), written (`build`), opened (`opened`), grown by what is
new (`difference`, `extension`), kept beside the store (`shelf`). Read `opened` first.
"""
