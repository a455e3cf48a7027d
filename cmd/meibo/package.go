package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// packageEnd is the end of the name of a package.
const packageEnd = ".asice"

// changeTypes are the media types of files of changes.
var changeTypes = map[string]string{
	".csv": "text/csv", ".json": "application/json", ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

type packageCmd struct {
	File         string `arg:"" help:"File of changes: .xlsx, .csv (UTF-8) or .json." type:"existingfile"`
	Organization string `required:"" help:"Id of the contractor whose changes they are."`
	Certificate  string `required:"" help:"The contractor's certificate, with those above it (PEM)." type:"existingfile"`
	Key          string `required:"" help:"Its key; readable by its owner only." type:"existingfile"`
	Output       string `short:"o" help:"File to write; that of the changes with the end .asice when left out." type:"path"`
}

// Run asks no server: it works outside of the closed network. A file that cannot be
// read as changes is refused with all its problems.
func (c *packageCmd) Run(a *app) error {
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	if _, err := (&submitCmd{File: c.File}).read(a); err != nil {
		return err
	}
	sealer, err := c.sealer()
	if err != nil {
		return err
	}
	name := "changes" + strings.ToLower(filepath.Ext(c.File))
	said, err := meibo.Canonical(ledger.PackedChanges{
		Format: ledger.PackedChangesFormat, Organization: meibo.OrganizationID(c.Organization), File: name,
	})
	if err != nil {
		return err
	}
	done, err := sealer.SealPackage(a.ctx, []seal.Part{
		{Name: ledger.PackedChangesFile, MediaType: "application/json", Content: said},
		{Name: name, MediaType: changeTypes[filepath.Ext(name)], Content: content},
	})
	if err != nil {
		return err
	}
	path := c.Output
	if path == "" {
		path = strings.TrimSuffix(c.File, filepath.Ext(c.File)) + packageEnd
	}
	if err := os.WriteFile(path, done.Content, 0o600); err != nil {
		return err
	}
	a.printf("%s\n閉域側で: meibo submit %s\n", path, filepath.Base(path))
	return nil
}

func (c *packageCmd) sealer() (*seal.Sealer, error) {
	certificates, err := os.ReadFile(c.Certificate)
	if err != nil {
		return nil, err
	}
	key, err := readKey(c.Key, true)
	if err != nil {
		return nil, err
	}
	identity, err := seal.ReadIdentity(certificates, key)
	if err != nil {
		return nil, err
	}
	return seal.NewSealer(identity, nil)
}

// packed reads a package, unless the file is something else.
func (c *submitCmd) packed() ([]byte, error) {
	if !strings.EqualFold(filepath.Ext(c.File), packageEnd) {
		return nil, nil
	}
	content, err := os.ReadFile(c.File)
	if err == nil && len(content) == 0 {
		err = errors.New("the package is empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	return content, nil
}
