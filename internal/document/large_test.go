package document_test

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
)

// peakOf is how many bytes more than before lie on the heap at most while something
// is done. What is no longer needed is collected often, so that it hardly counts: how
// much of it lies there is the machine's business.
func peakOf(do func()) int {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	runtime.GC()
	before, most := read(), atomic.Uint64{}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for tick := time.NewTicker(time.Millisecond); ; {
			select {
			case <-done:
				tick.Stop()
				return
			case <-tick.C:
				most.Store(max(most.Load(), read()))
			}
		}
	}()
	do()
	close(done)
	<-ended
	return int(most.Load()) - int(before)
}

func TestALargeRosterTakesLittleMemory(t *testing.T) {
	const members = 2000 // 5000 take twice as long and hardly more
	r := aRoster(t, members)
	for _, p := range []document.Paper{document.PaperPDF, document.PaperChange, document.PaperXLSX} {
		if _, err := aRoster(t, 7).Make(p); err != nil { // the fonts are read
			t.Fatal(err)
		}
		var f document.File
		var err error
		peak := peakOf(func() { f, err = r.Make(p) })
		if err != nil {
			t.Fatal(err)
		}
		if t.Logf("%s: %d bytes, %d MiB at most", p, len(f.Content), peak>>20); peak > 50<<20 {
			t.Errorf("%s of %d members takes %d MiB", p, members, peak>>20)
		}
	}
}

func TestNoNameGoesIntoATemporaryFile(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("TMPDIR", folder)
	r := aRoster(t, 300)
	for i := range r.Content.Members {
		r.Content.Members[i].Task = strings.Repeat("あ", 16000) // some 30 MB of sheets
	}
	done, found := make(chan struct{}), make(chan []os.DirEntry)
	go func() {
		var list []os.DirEntry
		for {
			more, _ := os.ReadDir(folder)
			list = append(list, more...)
			select {
			case <-done:
				found <- list
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f, err := r.Make(document.PaperXLSX)
	close(done)
	if list := <-found; err != nil || len(list) > 0 {
		t.Errorf("%d temporary files, %v", len(list), err)
	}
	if rows := sheet(t, f.Content, "従事者名簿", 9); len(rows) != 600 {
		t.Errorf("%d rows", len(rows))
	}
}

func BenchmarkRosterAsPDF(b *testing.B) {
	for _, n := range []int{50, 500, 5000} {
		r := aRoster(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				var f document.File
				var err error
				peak := peakOf(func() { f, err = r.Make(document.PaperPDF) })
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(len(f.Content)), "bytes")
				b.ReportMetric(float64(peak>>20), "peak-MiB")
			}
		})
		// the least that any paper of it costs: to compress what it says
		b.Run(fmt.Sprintf("%d/compressed", n), func(b *testing.B) {
			for b.Loop() {
				var out bytes.Buffer
				w := zlib.NewWriter(&out)
				w.Write([]byte(r.Head.Document))
				w.Close()
				b.ReportMetric(float64(out.Len()), "bytes")
			}
		})
	}
}
