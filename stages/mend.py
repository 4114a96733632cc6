"""Put right what a killed DVC leaves cut off, and then refuses to start with: python -m stages.mend (make mend)."""

from stages.rebuilding.mending import main

if __name__ == "__main__":
    main()
