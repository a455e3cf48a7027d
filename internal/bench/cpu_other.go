//go:build !linux

package bench

import (
	"errors"
	"time"
)

// CPUOf is known on Linux only.
func CPUOf(...int) (time.Duration, error) {
	return 0, errors.New("the CPU time of another process is read on Linux only")
}
