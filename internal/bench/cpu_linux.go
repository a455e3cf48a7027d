package bench

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of the kernel's account (USER_HZ).
const tick = 10 * time.Millisecond

// CPUOf is how much time processes and all below them have spent, those that have
// ended and were waited for included.
func CPUOf(pids ...int) (time.Duration, error) {
	parents, spent, err := account()
	if err != nil {
		return 0, err
	}
	var sum time.Duration
	for pid, d := range spent {
		for at := pid; at > 1; at = parents[at] {
			if among(at, pids) {
				sum += d
				break
			}
		}
	}
	for _, pid := range pids {
		if _, there := spent[pid]; !there {
			return 0, fmt.Errorf("there is no process %d", pid)
		}
	}
	return sum, nil
}

func among(pid int, list []int) bool {
	for _, p := range list {
		if p == pid {
			return true
		}
	}
	return false
}

// account reads who began each process, and what it has spent.
func account() (parents map[int]int, spent map[int]time.Duration, err error) {
	files, err := filepath.Glob("/proc/[0-9]*/stat")
	parents, spent = map[int]int{}, map[int]time.Duration{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // it has ended meanwhile
		}
		head, rest, _ := strings.Cut(string(text), " (")
		_, rest, _ = cutLast(rest, ") ")
		fields := strings.Fields(rest) // from the third of proc_pid_stat(5) on
		if len(fields) < 15 {
			return nil, nil, fmt.Errorf("read %s: %d fields", file, len(fields))
		}
		numbers := make([]int, 5)
		for i, at := range []int{1, 11, 12, 13, 14} { // parent; user, system, and the same of children
			if numbers[i], err = strconv.Atoi(fields[at]); err != nil {
				return nil, nil, fmt.Errorf("read %s: %w", file, err)
			}
		}
		pid, _ := strconv.Atoi(head)
		parents[pid], spent[pid] = numbers[0], time.Duration(numbers[1]+numbers[2]+numbers[3]+numbers[4])*tick
	}
	return parents, spent, err
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
