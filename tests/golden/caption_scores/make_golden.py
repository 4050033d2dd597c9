#!/usr/bin/env python3
"""Makes the golden files of the caption scorers with the COCO caption evaluation itself.

Needs Java, and a virtual environment with numpy and pycocoevalcap 1.2 (whose archive holds
stanford-corenlp-3.4.1.jar). Run it here:

    make_golden.py captions_val2014_subset.json

ptb_tokens.txt: a caption and, in the line below, its tokens without those that the evaluation drops.
The captions are read from there, the tokens are written.
leave_one_out.json: scores of the first caption of every image against the others.
"""
import json
import pathlib
import sys

from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

HERE = pathlib.Path(__file__).parent
EVERY = 187  # scores of single images: every so many


def tokens():
    path = HERE / "ptb_tokens.txt"
    captions = path.read_text(encoding="utf-8").split("\n")[:-1:2]
    with open(path, "w", encoding="utf-8") as out:
        for caption in captions:
            # One by one, and in front of a line that begins no sentence, because the tokenizer
            # looks at the line behind, too.
            lines = {0: [{"caption": caption}, {"caption": "x"}]}
            out.write(f"{caption}\n{PTBTokenizer().tokenize(lines)[0][0]}\n")


def leave_one_out(path):
    captions = {}
    for annotation in json.load(open(path, encoding="utf-8"))["annotations"]:
        captions.setdefault(annotation["image_id"], []).append({"caption": annotation["caption"]})
    captions = dict(sorted(captions.items()))
    references = PTBTokenizer().tokenize({i: c[1:] for i, c in captions.items()})
    results = PTBTokenizer().tokenize({i: c[:1] for i, c in captions.items()})
    bleu, bleu_images = Bleu(4).compute_score(references, results, verbose=0)
    rouge, rouge_images = Rouge().compute_score(references, results)
    cider, cider_images = Cider().compute_score(references, results)
    images = [
        {"image_id": image, "bleu": [scores[k] for scores in bleu_images],
         "rouge_l": rouge_images[k], "cider": cider_images[k]}
        for k, image in enumerate(captions) if k % EVERY == 0]
    with open(HERE / "leave_one_out.json", "w") as out:
        json.dump({"bleu": bleu, "rouge_l": rouge, "cider": cider, "images": images}, out, indent=1)
        out.write("\n")


if __name__ == "__main__":
    tokens()
    leave_one_out(sys.argv[1])
