package directory

import (
	"strconv"
	"strings"
	"time"
)

// generalizedTime reads a moment in the syntax of RFC 4517 3.3.13: 20260331150000Z, with or without minutes, seconds
// and a fraction, in UTC or with an offset. A moment without a zone is not one.
func generalizedTime(text string) (time.Time, bool) {
	digits := 0
	for digits < len(text) && '0' <= text[digits] && text[digits] <= '9' {
		digits++
	}
	if digits != 10 && digits != 12 && digits != 14 {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102150405"[:digits], text[:digits])
	if err != nil {
		return time.Time{}, false
	}
	fraction, zone, ok := cutFraction(text[digits:])
	if !ok {
		return time.Time{}, false
	}
	unit := map[int]time.Duration{10: time.Hour, 12: time.Minute, 14: time.Second}[digits]
	offset, ok := zoneOffset(zone)
	return t.Add(time.Duration(fraction * float64(unit))).Add(-offset), ok
}

// cutFraction reads ".5" or ",5" before the zone.
func cutFraction(text string) (fraction float64, rest string, ok bool) {
	if text == "" || text[0] != '.' && text[0] != ',' {
		return 0, text, true
	}
	end := strings.IndexAny(text, "Z+-")
	if end < 2 || strings.Trim(text[1:end], "0123456789") != "" {
		return 0, "", false
	}
	fraction, err := strconv.ParseFloat("0."+text[1:end], 64)
	return fraction, text[end:], err == nil
}

// zoneOffset reads Z, +09 or +0900.
func zoneOffset(text string) (time.Duration, bool) {
	if text == "Z" {
		return 0, true
	}
	if len(text) != 3 && len(text) != 5 || text[0] != '+' && text[0] != '-' ||
		strings.Trim(text[1:], "0123456789") != "" {
		return 0, false
	}
	hours, _ := strconv.Atoi(text[1:3])
	minutes, _ := strconv.Atoi("0" + text[3:])
	if hours > 23 || minutes > 59 {
		return 0, false
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

// fileTime reads Microsoft's count of 100 ns since 1601. Both 0 and the largest number mean never.
func fileTime(text string) (t time.Time, never, ok bool) {
	const (
		second   = 10_000_000
		unixZero = 11_644_473_600 // 1970 in seconds since 1601
		largest  = 1<<63 - 1
	)
	ticks, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ticks < -1 {
		return time.Time{}, false, false
	}
	if ticks == 0 || ticks == largest {
		return time.Time{}, true, true
	}
	return time.Unix(ticks/second-unixZero, ticks%second*100).UTC(), false, ticks > 0
}
