import ArgumentParser
import Voxtile

/// Runs what may find that the options do not fit a scan: of many, that is an error of this scan, and does not end the run.
func asErrorOfScan<Result>(_ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as ValidationError {
    throw VoxtileError(.invalidOption, error.message)
  }
}
