# What the transcripts beside this file share: each command of theirs begins with it.

# small_run MODEL OPTIONS: a run of seconds on the built-in corpus, in the folder run.
small_run() {
  model=$1
  shift
  babelgrad train --model "$model" --pairs 120 --max-length 6 --hidden 16 --embed 16 --layers 1 \
    --heads 2 --ffn 16 --epochs 2 --out run "$@"
}

# file_run OPTIONS: a run of pairs from a file, or of none yet.
file_run() {
  babelgrad train --model rnn --embed 4 --hidden 4 --layers 1 --epochs 2 --batching fixed \
    --batch-size 1 --overwrite --out run "$@"
}

# noted COMMAND OPTIONS: the first line of talk of a command that must not fail.
noted() {
  echo 'a b' | babelgrad "$@" > ../output 2> ../talk || echo "failed: $?"
  head -1 ../talk
}

# notes OPTIONS: the notes on a run of the pairs in pairs.tsv, its first three in val.tsv, by fours.
notes() {
  file_run --data pairs.tsv --val val.tsv --batch-size 4 --epochs 5 "$@" 2>&1 |
    grep -e note -e error | grep -v -e "more than once" -e "training pairs, too" || :
}

# own_run OPTIONS: a run of the pairs in own.tsv, French in the first column.
own_run() {
  babelgrad train --data own.tsv --swap --seed 3 --out run --model attention --hidden 6 --embed 6 \
    --layers 1 --epochs 2 "$@"
}

# option NAME: what the log of run has of it, last.
option() { grep -o "\"$1\":\"[^\"]*\"" run/log.jsonl | tail -1; }

# first COMMAND: up to its colon, the first paragraph that it prints.
first() { babelgrad "$@" | fmt -w 200 | head -1 | sed 's/:.*/:/'; }

# kept_out OPTIONS: a run of the built-in corpus that has what may be kept out.
kept_out() {
  babelgrad train --model rnn --pairs 300 --max-length 12 --hidden 8 --embed 8 --layers 1 \
    --out out "$@"
}

# page WORDS...: how often these stand on the page of run, which is written anew.
page() {
  babelgrad report run 2> ../talk || echo "failed: $?"
  for words in "$@"; do echo "$(grep -o -e "$words" run/report.html | wc -l) $words"; done
}

# row NAME VALUE: as the page has it.
row() { echo "<td class=\"left\">$1</td><td class=\"left\">$2"; }
