#pragma once

#include "CSystemProcess.h"
#include "CSystemSignals.h"
#include "CSystemTerminal.h"
