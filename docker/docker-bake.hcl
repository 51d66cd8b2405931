# docker buildx bake --file docker/docker-bake.hcl [--set '*.platform=linux/amd64,linux/arm64'] [--load | --push]

variable "REGISTRY" {
  default = "localhost/lab"
}

variable "VERSION" {
  default = "1.0.0"
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
  args       = { SUITE = image.suite }
  tags       = ["${REGISTRY}/todo-db:${image.tag}"]
}
