package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/bench"
	"github.com/meibo-dev/meibo/internal/demo"
)

type benchCmd struct {
	Connections []int             `help:"How many connections ask at a time." default:"1,8,64"`
	Transports  []bench.Transport `help:"What is asked over." default:"gRPC,JSON,AuthZEN"`
	During      time.Duration     `help:"How long each load is measured." default:"3s"`
	Warm        time.Duration     `help:"How long each load runs before that." default:"500ms"`
	Database    string            `help:"A postgres:// URL of an empty database; a SQLite file in a temporary folder when left out."`
	DatabasePID int               `name:"database-pid" help:"Process of that database's server, whose time counts as well."`
	Profile     string            `help:"Folder for a CPU profile of each server." type:"path"`
}

// The servers that are measured.
const (
	serverRecording  = "meibo"
	serverUnrecorded = "meibo, recording off"
	serverAlways     = "always allow"
)

// Run builds the fictitious city, starts each server in turn as a process of its
// own, loads it, and prints the figures side by side.
func (c *benchCmd) Run(a *app) error {
	folder, err := os.MkdirTemp("", "meibo-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	questions, err := c.prepare(a.ctx, folder)
	if err != nil {
		return err
	}
	a.printf("The fictitious city, %d people who are allowed; each connection asks, waits, and asks again, on this machine, too.\n", len(questions))
	var rows []bench.Row
	for _, server := range []string{serverAlways, serverUnrecorded, serverRecording} {
		measured, err := c.measure(a, folder, server, questions)
		if err != nil {
			return fmt.Errorf("%s: %w", server, err)
		}
		rows = append(rows, measured...)
	}
	bench.Compare(rows, serverAlways)
	slices.SortStableFunc(rows, func(x, y bench.Row) int {
		return slices.Index(c.Transports, x.Transport) - slices.Index(c.Transports, y.Transport)
	})
	slices.SortStableFunc(rows, func(x, y bench.Row) int {
		if x.Transport != y.Transport {
			return 0
		}
		return x.Connections - y.Connections
	})
	return bench.Write(a.stdout, rows)
}

// prepare plays the city's history into the folder and returns the questions of
// those who are allowed.
func (c *benchCmd) prepare(ctx context.Context, folder string) (list []bench.Question, err error) {
	h, err := openDemo(ctx, demoOptions{folder: folder, database: c.Database, start: demo.Start, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	defer h.close()
	if err := h.play(ctx); err != nil {
		return nil, err
	}
	for _, p := range demo.People {
		answer, err := h.city.Check(ctx, p)
		if err != nil {
			return nil, err
		}
		if !answer.Allowed {
			continue
		}
		q := h.city.Question(p)
		word := func(name string) string { return fmt.Sprint(q[name]) }
		list = append(list, bench.Question{
			Key: h.city.SystemKey(p), Person: word("person"), Contract: word("contract"), Asset: word("asset"), Action: word("action"), Purpose: word("purpose"),
		})
	}
	return list, unrecordedConfig(folder)
}

// unrecordedConfig writes the configuration of the server that records nothing.
func unrecordedConfig(folder string) error {
	cfg, err := readConfig(filepath.Join(folder, "meibo.yaml"))
	if err != nil {
		return err
	}
	cfg.Recording = recordingOff
	text, err := yaml.Marshal(cfg)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(folder, "unrecorded.yaml"), text, 0o600)
}

// measure loads one server by every transport.
func (c *benchCmd) measure(a *app, folder, server string, questions []bench.Question) (rows []bench.Row, err error) {
	child, err := c.start(a, folder, server)
	if err != nil {
		return nil, err
	}
	defer child.stop()
	pids := []int{child.cmd.Process.Pid}
	if c.DatabasePID != 0 && server != serverAlways {
		pids = append(pids, c.DatabasePID)
	}
	for _, t := range c.Transports {
		for _, n := range c.Connections {
			load := bench.Load{
				Connections: n, Warm: c.Warm, During: c.During, Questions: questions,
				Connect: func() (bench.Asker, error) { return t.Connect(child.doors) },
				CPU:     func() (time.Duration, error) { return bench.CPUOf(pids...) },
			}
			figures, err := load.Run(a.ctx)
			if err != nil {
				return nil, fmt.Errorf("%s, %d connections: %w", t, n, err)
			}
			rows = append(rows, bench.Row{Transport: t, Connections: n, Server: server, Figures: figures})
		}
	}
	return rows, nil
}

// A benched server is a process that ends when its standard input does.
type benched struct {
	cmd   *exec.Cmd
	stdin io.Closer
	doors bench.Doors
}

func (c *benchCmd) start(a *app, folder, server string) (*benched, error) {
	args := []string{"bench-server", "--config", filepath.Join(folder, "meibo.yaml")}
	name := "meibo"
	switch server {
	case serverAlways:
		args, name = []string{"bench-server", "--always"}, "always"
	case serverUnrecorded:
		args[2], name = filepath.Join(folder, "unrecorded.yaml"), "unrecorded"
	}
	if c.Profile != "" {
		args = append(args, "--profile", filepath.Join(c.Profile, name+".pprof"))
	}
	child := &benched{cmd: exec.CommandContext(a.ctx, os.Args[0], args...)}
	child.cmd.Stderr = a.stderr
	stdin, err := child.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	child.stdin = stdin
	stdout, err := child.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := child.cmd.Start(); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &child.doors)
	}
	if err != nil {
		child.stop()
		return nil, fmt.Errorf("the server does not begin: %w", err)
	}
	return child, nil
}

func (b *benched) stop() {
	b.stdin.Close()
	b.cmd.Wait()
}
