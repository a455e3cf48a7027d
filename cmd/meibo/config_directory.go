package main

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
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
	Certificate  string   `yaml:"certificate"` // shown to a server that asks for one
	Key          string   `yaml:"key"`
	External     bool     `yaml:"external"` // bound by the certificate; over ldapi:// by the user that this program runs as

	Bases            []string            `yaml:"bases"`
	Filter           string              `yaml:"filter"`
	Login            string              `yaml:"login"`
	IDKind           string              `yaml:"id_kind"`
	Departed         []string            `yaml:"departed"`
	DepartedValues   map[string][]string `yaml:"departed_values"`
	AllowedReferrals []string            `yaml:"allowed_referrals"`
	Canaries         []canaryConfig      `yaml:"canaries"`
	// EmployerAttribute names the organization for which a person works, by its id, its
	// name or what the master data say that the directory calls it, beside the place of
	// the entry and the mail address; empty: these alone say it.
	EmployerAttribute string `yaml:"employer_attribute"`
	// UnitAttribute names the unit; empty: units are not compared.
	UnitAttribute string `yaml:"unit_attribute"`

	Timeouts   timeoutsConfig `yaml:"timeouts"`
	PageSize   int            `yaml:"page_size"`   // people a page; 500
	EntryBytes int            `yaml:"entry_bytes"` // of an entry, as sent, that is read; 256 KiB

	Mode  string        `yaml:"mode"`            // how the server is followed; empty: the best that it offers
	Prove time.Duration `yaml:"prove"`           // how often it is proven that nothing has changed; 1 min
	Sweep time.Duration `yaml:"sweep,omitempty"` // how often everybody's state is read; 10 min, or 30 s where nothing else tells of changes
	Full  time.Duration `yaml:"full"`            // how often all attributes are; 24 h
	Ask   time.Duration `yaml:"ask"`             // how often Active Directory is asked for changes; 5 s

	Beat     time.Duration `yaml:"beat"`      // how often the server is asked for a sign of life; 5 s
	BeatLate time.Duration `yaml:"beat_late"` // after which one is missing; 3 s
	Deaf     time.Duration `yaml:"deaf"`      // how long what is heard may lag behind the server; 10 s
	Retry    retryConfig   `yaml:"retry"`

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

// A retryConfig says when a server is tried again that could not be followed: twice
// as late each time.
type retryConfig struct {
	Soonest time.Duration `yaml:"soonest"` // the first time; 200 ms
	Latest  time.Duration `yaml:"latest"`  // in the end; 30 s
	Jitter  float64       `yaml:"jitter"`  // share of that which is random; 0.5
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

// pace is how often what is done.
func (d directoryConfig) pace() directory.Pace {
	return directory.Pace{
		Beat: d.Beat, BeatLate: d.BeatLate, Deaf: d.Deaf, Canaries: d.Prove, Sweep: d.Sweep, Full: d.Full, Ask: d.Ask,
		Soonest: d.Retry.Soonest, Latest: d.Retry.Latest, Jitter: d.Retry.Jitter,
	}
}

// source is the configuration in the directory's words.
func (d directoryConfig) source(cfg config) (directory.Config, error) {
	c := directory.Config{
		URLs: d.URLs, StartTLS: d.StartTLS, CAFile: cfg.path(d.CAFile), BindDN: d.BindDN, PasswordFile: cfg.path(d.PasswordFile),
		Certificate: cfg.path(d.Certificate), Key: cfg.path(d.Key), External: d.External, Bases: d.Bases, Filter: d.Filter, Login: d.Login, IDKind: directory.IDKind(d.IDKind), Departed: d.Departed,
		DepartedValues: d.DepartedValues, AllowedReferrals: d.AllowedReferrals, Timeouts: directory.Timeouts(d.Timeouts), PageSize: uint32(d.PageSize), EntryBytes: d.EntryBytes,
		Attributes: []string{"mail"}, // its domain is compared; names are not needed, so they are not read
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

// keys are the keys of the configuration that the directory knows by other names.
var keys = map[string]string{
	"URLs": "urls", "StartTLS": "start_tls", "CAFile": "ca_file", "PasswordFile": "password_file", "BindDN": "bind_dn", "IDKind": "id_kind", "Also": "employer_attribute, directory.unit_attribute",
	"DepartedValues": "departed_values", "AllowedReferrals": "allowed_referrals", "PageSize": "page_size", "EntryBytes": "entry_bytes",
}

// wrongOf tells the faults of a configuration by its keys.
func wrongOf(faults *directory.Misconfigured) []wrong {
	var all []wrong
	for _, p := range faults.Problems {
		all = append(all, wrong{"directory." + cmp.Or(keys[p.Field], strings.ToLower(p.Field)), p.Text})
	}
	return all
}

// byKeys names what is wrong with a configuration by its keys.
func byKeys(err error) error {
	var faults *directory.Misconfigured
	if !errors.As(err, &faults) {
		return err
	}
	var all []error
	for _, w := range wrongOf(faults) {
		all = append(all, fmt.Errorf("%s: %s", w.Key, w.Text))
	}
	return errors.Join(all...)
}
