#!/usr/bin/env bash
# Turns Sources/InferenceRPC/inference.proto into the Swift code in Generated/ beside it. Needed only after a change of
# that file: the result is committed, because building the generators takes longer than building kaizend.
set -euo pipefail
cd "$(dirname "$0")/.."

# Made with: protoc 3.21.12, swift-protobuf 1.39.0, grpc-swift-protobuf 2.4.1.
if ! command -v protoc >/dev/null; then
  echo "protoc is missing; install it: apt-get install protobuf-compiler" >&2
  exit 69
fi
scratch=.build/generate-grpc
for generator in protoc-gen-swift protoc-gen-grpc-swift-2; do
  swift build -c release --scratch-path "$scratch" --product "$generator"
done
cd Sources/InferenceRPC
bin=../../$scratch/release
protoc inference.proto \
  --plugin="$bin/protoc-gen-swift" --plugin="$bin/protoc-gen-grpc-swift-2" \
  --swift_out=Generated --swift_opt=Visibility=Public \
  --grpc-swift-2_out=Generated --grpc-swift-2_opt=Visibility=Public
