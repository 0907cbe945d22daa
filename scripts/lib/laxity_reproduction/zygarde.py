NAME, TITLE, CLAIMS, FIGURES = "zygarde", "Zygarde (Islam & Nirjon, IMWUT 2020)", [], []
