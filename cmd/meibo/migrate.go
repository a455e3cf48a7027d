package main

import (
	"runtime/debug"

	"github.com/meibo-dev/meibo/internal/ledger"
)

type migrateCmd struct{ configFlag }

// Run brings the schema up to date.
func (c *migrateCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	data, err := cfg.dataKey()
	if err != nil {
		return err
	}
	versions, err := ledger.Migrate(a.ctx, cfg.database(), data, wallClock)
	if err != nil {
		return err
	}
	if a.json {
		return a.print(versions)
	}
	for _, v := range versions {
		a.printf("%s: step %d of %d\n", v.Series, v.Have, v.Current)
	}
	return nil
}

type versionCmd struct{}

// Run shows the version.
func (c *versionCmd) Run(a *app) error {
	info, _ := debug.ReadBuildInfo()
	version := map[string]string{"version": info.Main.Version, "go": info.GoVersion}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			version["revision"] = s.Value
		}
	}
	if a.json {
		return a.print(version)
	}
	a.printf("meibo %s %s (%s)\n", version["version"], version["revision"], version["go"])
	return nil
}
