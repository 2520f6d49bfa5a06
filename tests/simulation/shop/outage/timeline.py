"""What is counted second by second, from which figures, bounds and pictures are made."""

from collections import Counter

SECONDS_OF_A_WINDOW = 10
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

    def busiest_window(self, begin: float, end: float) -> float:
        """Return the most calls of the provider a second, over ten seconds on end of this time."""
        seconds = range(int(begin), int(end) - SECONDS_OF_A_WINDOW + 1)
        window = sum(self.calls[second] for second in range(int(begin), int(begin) + SECONDS_OF_A_WINDOW))
        most = window
        for second in seconds:
            most = max(most, window)
            window += self.calls[second + SECONDS_OF_A_WINDOW] - self.calls[second]
        return most / SECONDS_OF_A_WINDOW

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
