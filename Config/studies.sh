#!/usr/bin/env bash
# Prints the comparison of all ways of training on the real data sets, as kept in GroupDistil's Decisions.md.
# Usage: Config/studies.sh [FOLDER], the data in FOLDER or ../shared/data; 5 seeds, two minutes on two cores.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${1:-../shared/data}
[ -d "$data" ] || { echo "studies: there is no folder $data with the data sets; nothing to compare"; exit 0; }

study() {
  local file=$1 groups=$2
  shift 2
  [ -e "$data/$file.csv.gz" ] || { echo "studies: skipped $file: there is no $data/$file.csv.gz"; return 0; }
  .build/release/kaizenctl study --data "$data/$file.csv.gz" --label label --groups "$groups" --methods all --seeds 5 "$@"
}

study cmnist g_colour --outcome-in-groups
study camfashion g_camera
study cfashion g_colour --outcome-in-groups
study hydraulic_u g_cooler,g_stable
study hydraulic_u g_cooler,g_stable --outcome-in-groups
study diecast_r g_mold,g_shift --outcome-in-groups
study cmnist g_colour
