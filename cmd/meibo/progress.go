package main

import (
	"fmt"
	"os"
	"time"

	"golang.org/x/term"
)

// waiting says on a terminal for how long something has been awaited, until the
// function that it returns is called. A roster of 10,000 lines takes its time.
func (a *app) waiting(what string) (stop func()) {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	done, ended, since := make(chan struct{}), make(chan struct{}), time.Now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(f, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(f, "\r\x1b[K%s … %d s", what, int(time.Since(since).Seconds()))
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// progress shows on a terminal how far a stage has come.
func (a *app) progress() func(stage string, done, total int64) {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64, int64) {}
	}
	return func(stage string, done, total int64) {
		fmt.Fprintf(f, "\r\x1b[K%s %d/%d", stage, done, total)
		if done >= total {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}
