package main

import (
	"errors"

	"github.com/meibo-dev/meibo/internal/ledger"
)

type acceptCmd struct {
	configFlag
	Yes bool `short:"y" help:"Do not ask."`
}

// Run begins another history on a sealed ledger.
func (c *acceptCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	secrets, err := cfg.secrets()
	if err != nil {
		return err
	}
	if !a.json {
		a.printf("The database shows less than this server had seen: changes were lost, revocations perhaps among them.\n" +
			"Compare the checkpoints in the notices that the city holds with meibo verify, and revoke again what is missing.\n")
	}
	if !a.yes("Accept this history as it is?", c.Yes) {
		return errors.New("nothing was accepted")
	}
	epoch, revision, err := ledger.AcceptEpoch(a.ctx, ledger.Options{
		URL: cfg.database(), Now: wallClock, Secrets: secrets, Mark: cfg.path(cfg.HighWater),
	})
	if err != nil {
		return err
	}
	if a.json {
		return a.print(map[string]any{"epoch": epoch, "revision": revision})
	}
	a.printf("Accepted: epoch %s begins at revision %d. Start meibo serve again.\n", epoch, revision)
	return nil
}
