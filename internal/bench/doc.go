// Package bench loads a server with questions and tells how long its answers take and what they cost.
//
// Each connection asks, waits for the answer, and asks again: what is measured is
// how long an answer takes under so many callers, not how long a queue of callers
// who come regardless would grow. Every answer is read; one that does not allow
// ends the run, for a denial costs something else.
package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// A Question is what is asked, of somebody who is allowed.
type Question struct {
	Key                                      string // API key of the system that asks
	Person, Contract, Asset, Action, Purpose string
}

// An Asker asks over one connection.
type Asker interface {
	Ask(context.Context, Question) error
	Close() error
}

// A Load is how a server is loaded.
type Load struct {
	Connections  int
	Warm, During time.Duration // before and while it is measured
	Questions    []Question    // asked in turn
	Connect      func() (Asker, error)
	// CPU is how much time the server, its database included, has spent so far.
	CPU func() (time.Duration, error)
}

// Figures are what a load came to.
type Figures struct {
	Checks  int64
	Took    time.Duration
	CPU     time.Duration           // of the server for one check
	Latency *hdrhistogram.Histogram // in nanoseconds
}

// ErrNotAllowed says that an answer did not allow.
var ErrNotAllowed = errors.New("a question of somebody who is allowed was not allowed")

// longest bounds what the histogram holds.
const longest = time.Minute

// Run loads a server and measures.
func (l Load) Run(ctx context.Context) (Figures, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	workers := make([]*worker, l.Connections)
	for i := range workers {
		asker, err := l.Connect()
		if err != nil {
			return Figures{}, fmt.Errorf("connect: %w", err)
		}
		defer asker.Close()
		workers[i] = &worker{asker: asker, next: i, latency: hdrhistogram.New(1, int64(longest), 3)}
	}
	var all sync.WaitGroup
	phases := make(chan bool) // closed when measuring begins
	for _, w := range workers {
		all.Go(func() {
			if err := w.work(ctx, l.Questions, phases); err != nil {
				cancel(err)
			}
		})
	}
	rest(ctx, l.Warm)
	before, err := l.CPU()
	began := time.Now()
	close(phases)
	rest(ctx, l.During)
	took := time.Since(began)
	after, err2 := l.CPU()
	failed := context.Cause(ctx)
	cancel(nil)
	all.Wait()
	f := Figures{Took: took, Latency: hdrhistogram.New(1, int64(longest), 3)}
	for _, w := range workers {
		f.Latency.Merge(w.latency)
	}
	if f.Checks = f.Latency.TotalCount(); f.Checks > 0 {
		f.CPU = (after - before) / time.Duration(f.Checks)
	}
	return f, errors.Join(failed, err, err2)
}

// rest waits for a while, or until ctx ends.
func rest(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// A worker asks over one connection.
type worker struct {
	asker   Asker
	next    int
	latency *hdrhistogram.Histogram
}

// work asks until ctx ends, and notes how long each answer took that was asked for
// after measuring began. What was under way at the end is left out.
func (w *worker) work(ctx context.Context, questions []Question, measuring <-chan bool) error {
	for ctx.Err() == nil {
		measured := false
		select {
		case <-measuring:
			measured = true
		default:
		}
		q := questions[w.next%len(questions)]
		w.next++
		began := time.Now()
		err := w.asker.Ask(ctx, q)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if measured {
			w.latency.RecordValue(max(1, min(int64(time.Since(began)), int64(longest))))
		}
	}
	return nil
}
