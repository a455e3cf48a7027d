//go:build unix

package authz_test

import (
	"syscall"
	"testing"
	"time"
)

// spent begins to count the processor time of the whole process, collections included, and returns what reports it for
// each operation. It says more than the clock where others use the machine, too.
func spent(b *testing.B) func() {
	b.Helper()
	before := processorTime(b)
	return func() {
		b.ReportMetric(float64(processorTime(b)-before)/float64(b.N), "cpu-ns/op")
	}
}

func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
