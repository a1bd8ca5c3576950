"""Which box an order will be packed in: a straight line through what was packed before, by weight and number of items."""

VERSION = "2015-07"
WEIGHT, ITEMS, BASE = 0.9, 0.35, 0.4
BOXES = ["envelope", "small", "medium", "large"]


def predict(weight, items):
    score = BASE + WEIGHT * weight + ITEMS * items
    return BOXES[min(int(score), len(BOXES) - 1)]
