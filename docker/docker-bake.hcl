# docker buildx bake --file docker/docker-bake.hcl [--set '*.platform=linux/amd64,linux/arm64'] [--load | --push]

variable "REGISTRY" {
  default = "localhost/lab"
}

variable "VERSION" {
  default = "1.0.0"
}

group "default" {
  targets = ["service"]
}

target "service" {
  matrix = {
    name = ["numbers-api", "pi-web", "memory-allocator"]
  }
  name       = name
  context    = "."
  dockerfile = "docker/Dockerfile"
  target     = name
  tags       = ["${REGISTRY}/${name}:${VERSION}"]
}
