# Copies $length bytes from $offset of $source to $out with nothing but what bash and busybox's ash have built in.
set -eu
position=0
end=$((offset + length))
while IFS= read -r -d "" chunk || [ -n "$chunk" ]; do
  size=${#chunk}
  if [ $((position + size)) -ge "$offset" ] && [ "$position" -lt "$end" ]; then
    from=$((offset - position))
    [ "$from" -gt 0 ] || from=0
    to=$((end - position))
    [ "$to" -lt "$size" ] || to=$size
    [ "$to" -le "$from" ] || printf "%s" "${chunk:from:to-from}"
    [ $((position + size)) -ge "$end" ] || printf "\\0"
  fi
  position=$((position + size + 1))
done < "$source" > "$out"
