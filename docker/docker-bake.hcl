# docker buildx bake --file docker/docker-bake.hcl [--set '*.platform=linux/amd64,linux/arm64'] [--load | --push]

variable "REGISTRY" {
  default = "localhost/lab"
}

variable "VERSION" {
  default = "1.0.0"
}

# The base images, where others than the official ones are to be taken: a mirror's, say.
variable "RUST_IMAGE" {
  default = null
}

variable "DEBIAN_IMAGE" {
  default = null
}

group "default" {
  targets = ["service", "database"]
}

target "service" {
  matrix = {
    name = ["numbers-api", "pi-web", "memory-allocator", "todo-web"]
  }
  name       = name
  context    = "."
  dockerfile = "docker/Dockerfile"
  target     = name
  args       = { RUST_IMAGE = RUST_IMAGE }
  tags       = ["${REGISTRY}/${name}:${VERSION}"]
}

# The same database, of two minor versions.
target "database" {
  matrix = {
    image = [
      { tag = "1.0.0", suite = "bookworm" },
      { tag = "1.1.0", suite = "bookworm-security" },
    ]
  }
  name       = "todo-db-${replace(image.tag, ".", "-")}"
  context    = "."
  dockerfile = "docker/Dockerfile"
  target     = "todo-db"
  args       = { SUITE = image.suite, DEBIAN_IMAGE = DEBIAN_IMAGE }
  tags       = ["${REGISTRY}/todo-db:${image.tag}"]
}
