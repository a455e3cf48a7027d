package authz

import "time"

// instant is a moment in microseconds since 1970, within the years 1 to 9999. What is finer is cut off.
type instant int64

const (
	// forever is the moment that no question reaches: the end of every open period.
	forever instant = 253402300799999999
	// dawn is the first moment there is: the beginning of what has always been so.
	dawn instant = -62135596800000000
)

// moment returns t as an instant. The zero time means never: a period that begins then covers nothing, one that ends
// then is open. Years outside 1 to 9999 are moved to their ends, which keeps the order.
func moment(t time.Time) instant {
	if t.IsZero() {
		return forever
	}
	switch seconds := t.Unix(); {
	case seconds > int64(forever/1e6):
		return forever
	case seconds < int64(dawn/1e6):
		return dawn
	}
	return instant(t.UnixMicro())
}

// since is moment for the beginning of what forbids: the zero time means that it has always been so.
func since(t time.Time) instant {
	if t.IsZero() {
		return dawn
	}
	return moment(t)
}

// after returns the instant so much later.
func (i instant) after(d time.Duration) instant {
	if step := instant(d / time.Microsecond); step < forever-i {
		return max(i+step, dawn)
	}
	return forever
}

// String writes the instant as UTC text of fixed width, so that the order of texts is the order of time.
func (i instant) String() string {
	return i.time().Format("2006-01-02T15:04:05.000000Z")
}

func (i instant) time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// covers tells whether the period includes the instant.
func (t Term) covers(at instant) bool {
	return moment(t.From) <= at && at < moment(t.Until)
}

// japan is the civil time of the city. It has a fixed offset, so that a missing time zone database changes nothing.
var japan = time.FixedZone("JST", 9*60*60)

// months returns when a period of so many months that begins at the instant ends. As the Civil Code counts (民法第139条
// 以下), a day that is not begun at midnight does not count, and in a month without the day the period ends with the month.
func months(from instant, count int) instant {
	if count <= 0 || from == forever {
		return forever
	}
	t := from.time().In(japan)
	year, month, day := t.Date()
	if t.Hour()+t.Minute()+t.Second()+t.Nanosecond() > 0 {
		year, month, day = t.AddDate(0, 0, 1).Date()
	}
	end := time.Date(year, month+time.Month(count), day, 0, 0, 0, 0, japan)
	if end.Day() != day {
		end = time.Date(year, month+time.Month(count)+1, 1, 0, 0, 0, 0, japan)
	}
	return moment(end)
}

// span is a period of instants that includes from and excludes until.
type span struct {
	from, until instant
}

// aDay is a day in microseconds, and jst the offset of the civil time of the city.
const (
	aDay = instant(24 * time.Hour / time.Microsecond)
	jst  = instant(9 * time.Hour / time.Microsecond)
)

// spans appends the periods of the hours that begin on the day of the instant or on the day before.
func (h *Hours) spans(to []span, at instant) []span {
	if h == nil {
		return append(to, span{dawn, forever})
	}
	today := floorDiv(at+jst, aDay)
	for _, w := range h.Windows {
		for day := today - 1; day <= today; day++ {
			if !w.on(day) {
				continue
			}
			begin := day*aDay - jst
			from, until := max(begin+instant(w.From/time.Microsecond), begin), min(begin+instant(w.Until/time.Microsecond), begin+2*aDay)
			if from < until {
				to = append(to, span{from, until})
			}
		}
	}
	return to
}

// on tells whether the window begins on the day, counted from the first of January 1970, a Thursday.
func (w Window) on(day instant) bool {
	weekday := time.Weekday((day%7 + 7 + 4) % 7)
	for _, d := range w.Days {
		if d == weekday {
			return true
		}
	}
	return false
}

func floorDiv(a, b instant) instant {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
