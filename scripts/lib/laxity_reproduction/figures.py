def draw(papers, studies, folder):
    pass
