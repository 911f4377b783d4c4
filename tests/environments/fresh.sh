# To be sourced: `fresh [FOLDER]` makes a virtual environment and activates it; without a folder, one for this shell alone.

fresh() {
  local folder=${1:-}
  if [ -z "$folder" ]; then
    folder=$(mktemp -d)
    # shellcheck disable=SC2064
    trap "rm -rf '$folder'" EXIT
  fi
  "$(command -v python3.11 || command -v python3)" -m venv --clear "$folder"
  # shellcheck disable=SC1091
  source "$folder/bin/activate"
}
