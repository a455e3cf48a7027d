package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// A directoryConfig says where the people are, how they are read, and how much a
// directory is believed without a person.
type directoryConfig struct {
	URLs         []string `yaml:"urls"` // tried in order
	StartTLS     bool     `yaml:"start_tls"`
	CAFile       string   `yaml:"ca_file"`
	BindDN       string   `yaml:"bind_dn"`
	PasswordFile string   `yaml:"password_file"`
	External     bool     `yaml:"external"` // over ldapi://, as the user that this program runs as

	Bases            []string            `yaml:"bases"`
	Filter           string              `yaml:"filter"`
	Login            string              `yaml:"login"`
	IDKind           string              `yaml:"id_kind"`
	Departed         []string            `yaml:"departed"`
	DepartedValues   map[string][]string `yaml:"departed_values"`
	AllowedReferrals []string            `yaml:"allowed_referrals"`
	Canaries         []canaryConfig      `yaml:"canaries"`
	// EmployerAttribute names the organization for which a person works, by its id,
	// beside the place of the entry; empty: the place alone says it.
	EmployerAttribute string `yaml:"employer_attribute"`
	// UnitAttribute names the unit; empty: units are not compared.
	UnitAttribute string `yaml:"unit_attribute"`

	Timeouts timeoutsConfig `yaml:"timeouts"`

	Mode  string        `yaml:"mode"`  // how the server is followed; empty: the best that it offers
	Prove time.Duration `yaml:"prove"` // how often it is proven that nothing has changed; 1 min
	Sweep time.Duration `yaml:"sweep"` // how often everybody's state is read; 10 min, or 30 s where nothing else tells of changes
	Full  time.Duration `yaml:"full"`  // how often all attributes are; 24 h
	Ask   time.Duration `yaml:"ask"`   // how often Active Directory is asked for changes; 5 s

	FreezeAfter  time.Duration `yaml:"freeze_after"` // of silence, until nothing new is granted; 15 min
	LiftUnproven bool          `yaml:"lift_unproven"`
	Limits       limitsConfig  `yaml:"limits"`

	Groups []groupConfig `yaml:"groups"` // compared with who is granted what, or written
}

// A timeoutsConfig bounds what is asked of the directory.
type timeoutsConfig struct {
	Connect time.Duration `yaml:"connect"` // until a server is connected to, with TLS; 5 s
	Silence time.Duration `yaml:"silence"` // that a server may send nothing while it owes an answer; 15 s
	Whole   time.Duration `yaml:"whole"`   // of an operation; 10 min
}

type canaryConfig struct {
	DN    string `yaml:"dn"`
	State string `yaml:"state"`
}

// A limitsConfig is how much is believed without a person. What is zero keeps the
// directory's default.
type limitsConfig struct {
	Absent      int     `yaml:"absent"`       // people whom one reading may end; 5
	AbsentShare float64 `yaml:"absent_share"` // of those known, if that is more; 0.02
	DayShare    float64 `yaml:"day_share"`    // that a day may end, if that is more; 0.05
	Floor       float64 `yaml:"floor"`        // that a reading must see; 0.5
	Hour        int     `yaml:"hour"`         // people whom an hour may disable; 10
	HourShare   float64 `yaml:"hour_share"`   // of those known, if that is more; 0.1
	Lift        int     `yaml:"lift"`         // people whom an hour may enable again; 10
	LiftShare   float64 `yaml:"lift_share"`   // of those known, if that is more; 0.1
}

func (c limitsConfig) limits(liftUnproven bool) directory.Limits {
	return directory.Limits{
		Absent: c.Absent, AbsentShare: c.AbsentShare, DayShare: c.DayShare, Floor: c.Floor, Hour: c.Hour, HourShare: c.HourShare,
		Lift: c.Lift, LiftShare: c.LiftShare, LiftUnproven: liftUnproven,
	}
}

// modes are the names of the ways to follow a server.
var modes = []directory.Mode{
	"", directory.ModeContent, directory.ModeContentHint, directory.ModeSearchHint, directory.ModeDirSync, directory.ModeUSN, directory.ModePoll,
}

func (d directoryConfig) validate(bad func(string, ...any)) {
	if !slices.Contains(modes, directory.Mode(d.Mode)) {
		bad("directory.mode: %q is none of %v", d.Mode, modes[1:])
	}
	for name, d := range map[string]time.Duration{
		"prove": d.Prove, "sweep": d.Sweep, "full": d.Full, "ask": d.Ask, "freeze_after": d.FreezeAfter, "timeouts.connect": d.Timeouts.Connect,
		"timeouts.silence": d.Timeouts.Silence, "timeouts.whole": d.Timeouts.Whole,
	} {
		if d < 0 || d > 0 && d < 100*time.Millisecond {
			bad("directory.%s: at least 100ms", name)
		}
	}
}

// source is the configuration in the directory's words.
func (d directoryConfig) source(cfg config) (directory.Config, error) {
	c := directory.Config{
		URLs: d.URLs, StartTLS: d.StartTLS, CAFile: cfg.path(d.CAFile), BindDN: d.BindDN, PasswordFile: cfg.path(d.PasswordFile),
		External: d.External, Bases: d.Bases, Filter: d.Filter, Login: d.Login, IDKind: directory.IDKind(d.IDKind), Departed: d.Departed,
		DepartedValues: d.DepartedValues, AllowedReferrals: d.AllowedReferrals, Timeouts: directory.Timeouts(d.Timeouts),
		Attributes: []string{}, // names and addresses are not needed, so they are not read
	}
	for _, name := range []string{d.EmployerAttribute, d.UnitAttribute} {
		if name != "" {
			c.Also = append(c.Also, name)
		}
	}
	for _, canary := range d.Canaries {
		state, err := directory.ParseState(canary.State)
		if err != nil {
			return c, fmt.Errorf("directory.canaries: %w", err)
		}
		c.Canaries = append(c.Canaries, directory.Canary{DN: canary.DN, State: state})
	}
	return c, nil
}
