package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the stories run this program as meibo.
func TestMain(m *testing.M) {
	program = built
	testscript.Main(tidy{m}, map[string]func(){"meibo": main})
}

// tidy runs the tests, and takes away what was built for them.
type tidy struct{ *testing.M }

func (m tidy) Run() int {
	defer func() {
		if builtFor != "" {
			os.RemoveAll(builtFor)
		}
	}()
	return m.M.Run()
}

var builtFor string // the folder

// built is the path of the program as it is given out, whose file is named meibo.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "meibo-program-")
	path := filepath.Join(dir, "meibo")
	builtFor = dir
	if err == nil {
		err = exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").Run()
	}
	return path, err
})
