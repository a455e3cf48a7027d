package meibo

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// JST is Japan Standard Time. It is a fixed zone, so that a missing time zone
// database cannot move a contract's end.
var JST = time.FixedZone("JST", 9*60*60)

// InstantLayout is the one text form of an Instant: UTC, six digits of
// fraction, fixed width, so that text order is time order.
const InstantLayout = "2006-01-02T15:04:05.000000Z"

// An Instant is a moment with microsecond grain: microseconds since
// 1970-01-01T00:00:00Z. The zero Instant means "none".
type Instant int64

// Forever is later than every instant that the ledger records.
const Forever Instant = 253402300799999999 // 9999-12-31T23:59:59.999999Z

// InstantOf cuts t to microseconds.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// ParseInstant reads the text form, or RFC 3339 with a zone.
func ParseInstant(s string) (Instant, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not an RFC 3339 instant", ErrInvalid, s)
	}
	if y := t.UTC().Year(); y < 1971 || y > 9999 {
		return 0, fmt.Errorf("%w: year of %q is out of range", ErrInvalid, s)
	}
	return InstantOf(t), nil
}

// IsZero reports whether i means "none".
func (i Instant) IsZero() bool { return i == 0 }

// Time is i in UTC; the zero Instant is the zero time.
func (i Instant) Time() time.Time {
	if i == 0 {
		return time.Time{}
	}
	return time.UnixMicro(int64(i)).UTC()
}

// Day is the civil day in Japan at i.
func (i Instant) Day() Date {
	return Date(i.Time().In(JST).Format(time.DateOnly))
}

// Add moves i by d.
func (i Instant) Add(d time.Duration) Instant { return i + Instant(d.Microseconds()) }

// Sub is the time from j to i.
func (i Instant) Sub(j Instant) time.Duration { return time.Duration(i-j) * time.Microsecond }

func (i Instant) String() string {
	if i == 0 {
		return ""
	}
	return i.Time().Format(InstantLayout)
}

// MarshalText writes the text form.
func (i Instant) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads the text form; empty text is the zero Instant.
func (i *Instant) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*i = 0
		return nil
	}
	parsed, err := ParseInstant(string(text))
	*i = parsed
	return err
}

// Value stores the text form, and no value for "none".
func (i Instant) Value() (driver.Value, error) {
	if i == 0 {
		return nil, nil
	}
	return i.String(), nil
}

// Scan reads what Value stored.
func (i *Instant) Scan(v any) error {
	text, err := scanText(v)
	if err != nil {
		return fmt.Errorf("scan instant: %w", err)
	}
	return i.UnmarshalText([]byte(text))
}

// scanText accepts the forms in which drivers hand over a text column.
func scanText(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	default:
		return "", fmt.Errorf("column holds %T, want text", v)
	}
}
