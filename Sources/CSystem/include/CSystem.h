#pragma once

#include "CSystemProcess.h"
