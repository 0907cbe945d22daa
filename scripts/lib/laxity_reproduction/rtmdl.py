NAME, TITLE, CLAIMS, FIGURES = "rtmdl", "RT-mDL (Ling et al., SenSys 2021)", [], []
