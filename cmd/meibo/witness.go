package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/meibo-dev/meibo/internal/seal"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type witnessCmd struct {
	LogKey string `help:"Public key of the log: the city's copy." type:"existingfile"`
	State  string `default:"witness.json" help:"What the witness has seen; begun by the first run, with a key of its own beside it." type:"path"`
	File   string `help:"Check a file of meibo witness --export instead of asking the server." type:"existingfile"`
	Export *int64 `help:"Write what a witness without a connection needs, from the size that it has seen, and stop."`
}

// A witnessState is what a witness keeps: the last head that it found good, and
// that head with both signatures.
type witnessState struct {
	Size     int64  `json:"size"`
	Head     string `json:"head"`
	Cosigned string `json:"cosigned"`
	Public   string `json:"public"` // of the witness, to verify its co-signatures (c2sp.org/tlog-cosignature)
}

// Run checks and co-signs. A log that is not a continuation of what was seen
// changes nothing, and is the error.
func (c *witnessCmd) Run(a *app) error {
	if c.Export != nil {
		way, err := c.ask(a, *c.Export)
		if err != nil {
			return err
		}
		return a.print(way)
	}
	log, err := c.log()
	if err != nil {
		return err
	}
	state, secret, err := c.read()
	if err != nil {
		return err
	}
	var seen seal.Checkpoint
	if state.Head != "" {
		if seen, err = log.Open(state.Head); err != nil {
			return fmt.Errorf("read %s: %w", c.State, err)
		}
	}
	way, err := c.way(a, seen.Size)
	if err != nil {
		return err
	}
	head, err := log.Follow(seen, way)
	if errors.Is(err, seal.ErrRewritten) {
		return fmt.Errorf("REWRITTEN: %w; keep %s, and ask the operator", err, c.State)
	}
	if err != nil {
		return err
	}
	if state.Cosigned, err = log.Cosign(way.Checkpoint, secret); err != nil {
		return err
	}
	if _, err := log.Cosigned(state.Cosigned, state.Public); err != nil {
		return fmt.Errorf("the key beside %s is not the witness': %w", c.State, err)
	}
	state.Size, state.Head = head.Size, way.Checkpoint
	if err := c.write(state); err != nil {
		return err
	}
	if a.json {
		return a.print(state)
	}
	a.printf("%s: %d件から%d件まで、書き換えはありません。\n%s", head.Log, seen.Size, head.Size, state.Cosigned)
	return nil
}

func (c *witnessCmd) log() (*seal.Verifier, error) {
	if c.LogKey == "" {
		return nil, errors.New("name the city's copy of the log's public key: --log-key")
	}
	public, err := os.ReadFile(c.LogKey)
	if err != nil {
		return nil, err
	}
	return seal.NewVerifier(string(public))
}

// way is what leads from what was seen to the newest head.
func (c *witnessCmd) way(a *app, seen int64) (seal.Consistency, error) {
	if c.File == "" {
		return c.ask(a, seen)
	}
	var way seal.Consistency
	text, err := os.ReadFile(c.File)
	if err == nil && json.Unmarshal(text, &way) != nil {
		err = fmt.Errorf("read %s: it is not of meibo witness --export", c.File)
	}
	return way, err
}

func (c *witnessCmd) ask(a *app, from int64) (seal.Consistency, error) {
	answer, err := ask(a, pb.NewLogServiceClient, func(s pb.LogServiceClient) (*pb.GetConsistencyResponse, error) {
		return s.GetConsistency(a.ctx, &pb.GetConsistencyRequest{From: from})
	})
	if err != nil {
		return seal.Consistency{}, err
	}
	return seal.Consistency{Format: seal.ConsistencyFormat, From: from, Checkpoint: answer.Checkpoint, Way: answer.Way}, nil
}

// read reads the state and the witness' key, or begins them.
func (c *witnessCmd) read() (state witnessState, secret string, err error) {
	keyFile := c.State + ".key"
	text, err := os.ReadFile(c.State)
	if errors.Is(err, os.ErrNotExist) {
		var public string
		if secret, public, err = seal.NewKey("witness-of-" + filepath.Base(c.LogKey)); err != nil {
			return state, "", err
		}
		if state.Public, err = seal.WitnessKey(public); err != nil {
			return state, "", err
		}
		return state, secret, writeNew(filepath.Dir(c.State), map[string][]byte{filepath.Base(keyFile): []byte(secret)})
	}
	if err != nil {
		return state, "", err
	}
	if err := json.Unmarshal(text, &state); err != nil {
		return state, "", fmt.Errorf("read %s: it is not a witness' state", c.State)
	}
	key, err := readKey(keyFile, true)
	return state, string(key), err
}

// write puts the state into place at once: a witness that forgets believes anything.
func (c *witnessCmd) write(state witnessState) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	next := c.State + ".next"
	f, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(next, c.State)
}
