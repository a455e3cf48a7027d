package meibo

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Parameters are what the city has settled for all contracts. What it has not
// settled holds as authz says. There is one row.
type Parameters struct {
	ID   string // city
	City Packed[CityParameters]
}

// ParametersID is the id of the one row.
const ParametersID = "city"

// CityParameters are the city's own; what is left out keeps its default.
type CityParameters struct {
	Classes        []ClassParameters   `json:"classes,omitempty"`
	PledgeMonths   int                 `json:"pledge_months,omitempty"`   // after how many a pledge has to be renewed; 0: never
	TrainingMonths int                 `json:"training_months,omitempty"` // for how many training counts
	UnusedDays     int                 `json:"unused_days,omitempty"`     // after how many a right counts as unused
	DecisionYears  int                 `json:"decision_years,omitempty"`  // for how many years records of decisions are kept; 0: 7
	AnswerDays     int                 `json:"answer_days,omitempty"`     // open days that the city has to answer a roster; 0: 5
	ClosedDays     []Date              `json:"closed_days,omitempty"`     // of the city's offices, beside weekends and holidays
	OpenDays       []Date              `json:"open_days,omitempty"`       // on which they are open all the same
	PledgeYears    int                 `json:"pledge_years,omitempty"`    // for how many years after a contract's last fiscal year pledges, rosters and names are kept; 0: 10
	Duties         []Duty              `json:"duties,omitempty"`
	Emergency      EmergencyParameters `json:"emergency,omitzero"`
}

// ClassParameters are what the city asks for assets of one importance.
type ClassParameters struct {
	Importance     Importance `json:"importance"`
	MaxAgeSeconds  int        `json:"max_age_seconds,omitempty"`
	StalenessHours int        `json:"staleness_hours,omitempty"` // how old the reading of the directory may be
	Zones          []string   `json:"zones,omitempty"`
	AuthLevel      int        `json:"auth_level,omitempty"`
	AuthMinutes    int        `json:"auth_minutes,omitempty"`
	CaseRef        bool       `json:"case_ref,omitempty"`
	Rows           int        `json:"rows,omitempty"`
	Permits        []Action   `json:"permits,omitempty"` // actions that need the city's permit
}

// A Duty is an obligation that comes with every allowed decision on certain assets
// and actions.
type Duty struct {
	Importance Importance `json:"importance,omitempty"` // 0: every asset
	Action     Action     `json:"action,omitempty"`     // empty: every action
	Obligation Obligation `json:"obligation"`
}

// EmergencyParameters say whether people named beforehand may claim an emergency.
type EmergencyParameters struct {
	Enabled  bool          `json:"enabled,omitempty"`
	Minutes  int           `json:"minutes,omitempty"` // up to 60
	Purposes []PurposeCode `json:"purposes,omitempty"`
}

// A Window is a period of certain days of the week in Japan in which work may be
// done: days are mon … sun, times 08:30, 24:00 the end of the day.
type Window struct {
	Days  []string `json:"days"`
	From  string   `json:"from"`
	Until string   `json:"until"`
}

// Times are the window's hours, counted from midnight; ok is false where it
// cannot be read.
func (w Window) Times() (from, until time.Duration, ok bool) {
	from, ok1 := clockTime(w.From)
	until, ok2 := clockTime(w.Until)
	for _, d := range w.Days {
		ok1 = ok1 && slices.Contains(Weekdays, d)
	}
	return from, until, ok1 && ok2 && from < until && len(w.Days) > 0
}

// Weekdays are the words for the days of a week, in the order of time.Weekday.
var Weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// clockTime reads 08:30; 24:00 is the end of the day, and 25:00 an hour later.
func clockTime(text string) (time.Duration, bool) {
	hours, minutes, found := strings.Cut(text, ":")
	h, err1 := strconv.Atoi(hours)
	m, err2 := strconv.Atoi(minutes)
	ok := found && err1 == nil && err2 == nil && len(minutes) == 2 && 0 <= h && h <= 48 && 0 <= m && m < 60
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, ok
}
