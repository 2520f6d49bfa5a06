"""What is counted second by second, from which figures, bounds and pictures are made."""

from collections import Counter

MINUTE = 60


class Timeline:
    """What happened in each second since the beginning."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        """Calls of the payment provider."""
        self.at_once: Counter[int] = Counter()
        """Functions that ran at once, at most."""
        self.waiting: Counter[int] = Counter()
        """Orders in flight."""
        self.dead_letters: Counter[int] = Counter()

    def called(self, seconds: float) -> None:
        self.calls[int(seconds)] += 1

    def busy(self, seconds: float, functions: int) -> None:
        second = int(seconds)
        self.at_once[second] = max(self.at_once[second], functions)

    def busiest_second(self, begin: float, end: float) -> int:
        """Return the most calls of the provider in one second of this time."""
        return max((calls for second, calls in self.calls.items() if begin <= second < end), default=0)

    def busiest_while(self, begin: float, end: float, seconds: int) -> float:
        """Return the most calls of the provider a second, on average over so many seconds on end of this time."""
        window = most = sum(self.calls[second] for second in range(int(begin), int(begin) + seconds))
        for second in range(int(begin), int(end) - seconds):
            window += self.calls[second + seconds] - self.calls[second]
            most = max(most, window)
        return round(most / seconds, 2)

    def curves(self, end: float) -> dict[str, list[float]]:
        """Return what is drawn, minute by minute: the most of each minute, and the dead letters until then."""
        minutes, letters = range(int(end) // MINUTE + 1), 0
        curves: dict[str, list[float]] = {"waiting": [], "at_once": [], "calls": [], "dead_letters": []}
        for minute in minutes:
            seconds = range(minute * MINUTE, (minute + 1) * MINUTE)
            letters += sum(self.dead_letters[second] for second in seconds)
            curves["waiting"].append(max(self.waiting[second] for second in seconds))
            curves["at_once"].append(max(self.at_once[second] for second in seconds))
            curves["calls"].append(max(self.calls[second] for second in seconds))
            curves["dead_letters"].append(letters)
        return curves
