# What `make upload` would write.
artifact_bucket = "vsl-test-artifacts"

layers = {
  shared = "layers/shared-0.zip"
  ffmpeg = "layers/ffmpeg-arm64-0.zip"
}
