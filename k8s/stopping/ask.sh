#!/bin/sh
# ask.sh URL SECONDS: asks for URL again and again, each time on a new connection, and counts the answers by their status.
# 000 stands for no answer.
set -eu

url=$1 end=$(($(date +%s) + $2))
while [ "$(date +%s)" -lt "$end" ]; do
    # Twenty requests. That one of them failed is counted, and no reason to stop.
    curl --silent --max-time 5 --header 'Connection: close' --output /dev/null \
        --write-out '%{http_code}\n' "$url?[1-20]" 2>/dev/null || true
    sleep 0.02
done | sort | uniq -c
