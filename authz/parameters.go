package authz

import "time"

// Parameters are what the city has settled for all contracts. Start from [DefaultParameters]: a limit that is left out
// does not limit.
type Parameters struct {
	Classes     [4]Class      // by importance: the first is that of importance 1
	ClockOffset time.Duration // how far the clock may be off; 0: as far as it likes

	PledgeMonths   int // after how many months a pledge has to be renewed; 0: never
	TrainingMonths int // for how many months training counts when its own term is open; 0: for ever

	Altering  []string // actions that a legal hold forbids
	CloseOut  []string // actions that a permit can open after the contract's end
	TakingOut []string // actions that nobody does while something carried out is overdue

	Duties     []Duty
	UnusedDays int // after how many days a right counts as unused; 0: never
	Emergency  EmergencyRule
}

// Class is what the city asks for assets of one importance. What is asked of an asset without a class is what is asked
// of the highest.
type Class struct {
	MaxAge    time.Duration // how long an allowed decision may be kept; 0: not at all
	Uncached  []string      // actions of which no decision may be kept
	Staleness time.Duration // how old the reading of the directory may be; 0: as old as it likes
	Zones     *Only         // network zones from which may be asked
	AuthLevel int           // how strongly the person must be authenticated, up to 9
	AuthAge   time.Duration // how long ago at most; 0: ever
	CaseRef   bool          // a case reference must be stated
	Rows      int           // how many records may be asked for at once; 0: any number
	Permits   []string      // actions that need the city's permit; [All]: every action
}

// Duty is an obligation that comes with every allowed decision on certain assets and actions.
type Duty struct {
	Importance int    // of the asset; 0: of every asset
	Action     string // [All]: every action
	Obligation Obligation
}

// EmergencyRule says whether and how an emergency lets people do at once what otherwise waits. It never opens more than
// viewing, lifts nothing but the age of the directory's reading, the workplace, the hours and the case reference, and
// lasts an hour at most.
type EmergencyRule struct {
	Enabled     bool
	Purposes    []string      // the purposes of emergency, each with all below it
	Duration    time.Duration // up to an hour
	Obligations []Obligation  // come with every decision that an emergency allows
}

// maxEmergency is how long an emergency lasts at most.
const maxEmergency = time.Hour

// actionView is the only action that an emergency opens.
const actionView = "view"

// DefaultParameters returns what holds where the city has settled nothing else. Permits are asked for (S1-1-1-c,
// S1-2-5-1, S1-2-6-1, S1-5-1, S1-6, S1-8, S2-2-1, S2-3-1-b) and emergencies are off. What systems and people must state
// or fulfil beside the question itself is left to the city to switch on.
func DefaultParameters() *Parameters {
	permits := []string{"bring_in", "carry_out", "change_setting", "provide", "send", "transport"}
	others := Class{MaxAge: 5 * time.Minute, Staleness: 72 * time.Hour, Permits: permits}
	highest := Class{
		MaxAge: 30 * time.Second, Uncached: []string{"export"}, Staleness: 24 * time.Hour,
		Permits: append([]string{"copy", "export"}, permits...),
	}
	return &Parameters{
		Classes:        [4]Class{highest, others, others, others},
		ClockOffset:    5 * time.Second,
		TrainingMonths: 12,
		Altering:       []string{"delete", "dispose", "update"},
		CloseOut:       []string{"delete", "dispose", "return", "transport"},
		TakingOut:      []string{"carry_out"},
		UnusedDays:     90,
		Emergency: EmergencyRule{
			Purposes: []string{"E"}, Duration: maxEmergency,
			Obligations: []Obligation{{Name: LogFull}, {Name: NotifySupervisor}, {Name: ReviewWithin, Number: 3}},
		},
	}
}

// StandardDuties returns the duties that follow from the city's document, for a city to switch on when its systems have
// registered what they fulfil.
func StandardDuties() []Duty {
	return []Duty{
		{Importance: 1, Action: All, Obligation: Obligation{Name: LogFull}},
		{Importance: 1, Action: All, Obligation: Obligation{Name: NoCache}},
		{Importance: 1, Action: "print", Obligation: Obligation{Name: Watermark}},
		{Importance: 1, Action: "export", Obligation: Obligation{Name: Encrypt}},
		{Importance: 1, Action: "send", Obligation: Obligation{Name: Encrypt}},
		{Importance: 1, Action: "provide", Obligation: Obligation{Name: Encrypt}},
		{Importance: 1, Action: "carry_out", Obligation: Obligation{Name: Encrypt}},
		{Importance: 1, Action: "transport", Obligation: Obligation{Name: Encrypt}},
		{Importance: 2, Action: "send", Obligation: Obligation{Name: Encrypt}},
		{Importance: 2, Action: "provide", Obligation: Obligation{Name: Encrypt}},
		{Importance: 2, Action: "transport", Obligation: Obligation{Name: Encrypt}},
	}
}

// defaults serve questions whose facts carry no parameters. They are only read.
var defaults = DefaultParameters()
