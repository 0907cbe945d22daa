import json
from .claims import Outcome
class Pages:
    def __init__(self, folder): self.folder = folder
    def write(self, papers, outcomes, studies):
        for p, o in outcomes.items():
            for n, x in o.items(): print(f"{p}/{n}: {x.verdict}\n    {x.measured}")
def read_verdicts(path):
    return {}
def counts(papers, outcomes): return []
