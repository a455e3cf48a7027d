# test    what CI runs: installs what the tests need where it is missing, then checks everything
# soak    the long forms: every fuzz target, every random history, every test many times
# generate  generated code, anew
# build   the program

.PHONY: test soak generate build

# Pointers are checked (checkptr, which -race brings) in everything but SQLite: that is
# C translated to Go, and its arithmetic took a quarter of the suite's time.
watched = -race -gcflags='modernc.org/...=-d=checkptr=0'

test:
	.ci/install
	@unformatted=$$(gofmt -l .) && test -z "$$unformatted" || { echo "gofmt: $$unformatted" >&2; exit 1; }
	go vet ./...
	go test $(watched) -timeout 25m ./...

soak:
	.ci/install
	.ci/soak

generate:
	go generate ./...

build:
	CGO_ENABLED=0 go build -trimpath -o meibo ./cmd/meibo
