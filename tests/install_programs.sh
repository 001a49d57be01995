#!/bin/sh
# What some tests need beside Python: a browser for the pages, and the dot program to compare
# layouts with. They are installed from the packages of the system where that is a matter of course,
# as it is for root on a Debian; elsewhere these tests are skipped, and say so.
set -eu

missing=""
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing="chromium"
command -v chromedriver >/dev/null || missing="$missing chromium-driver"
command -v dot >/dev/null || missing="$missing graphviz"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "some tests will be skipped: install$(printf ' %s' $missing) to run them"
	exit 0
fi

printf 'installing%s for the tests ... ' "$(printf ' %s' $missing)"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # one word for each package
if { timeout 120 apt-get update && timeout 240 apt-get install --yes --no-install-recommends $missing; } >"$1" 2>&1; then
	echo "done"
else
	echo "failed, and some tests will be skipped; apt-get said:"
	tail -n 3 "$1"
fi
