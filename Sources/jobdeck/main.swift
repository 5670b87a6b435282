print("jobdeck")
