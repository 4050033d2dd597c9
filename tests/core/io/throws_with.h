// Checks the type and the text of an error.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace lrcn::test {

// The message of the E that `work` throws; a note of what happened instead when it throws none.
template <class E, class Work>
std::string message_of(const Work& work) {
  try {
    work();
  } catch (const E& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

// `work` throws E with a message that contains `part`.
template <class E, class Work>
testing::AssertionResult throws_with(std::string_view part, const Work& work) {
  const std::string message = message_of<E>(work);
  if (message.find(part) != std::string::npos) {
    return testing::AssertionSuccess();
  }
  return testing::AssertionFailure() << "expected \"" << part << "\", got: " << message;
}

}  // namespace lrcn::test
