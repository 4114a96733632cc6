"""Where the worked examples of this lesson stand."""

CHAPTER = "chapter 1, notebooks 00 and 01"
TUTORIALS = "the autograd tutorials"
WEIDMAN = "Weidman, chapter 1"
